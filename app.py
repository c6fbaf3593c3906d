"""The page list and nothing else: ``streamlit run app.py``."""

from basicchat.ui.pages import navigation

navigation().run()
