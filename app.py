"""The Streamlit entry: the page list and nothing else."""
