"""`flask orders …`"""
