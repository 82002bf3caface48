"""`flask catalog …`"""
