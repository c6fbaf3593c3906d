"""The Streamlit interface. Reads widgets, calls one service method, renders events."""
