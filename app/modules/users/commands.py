"""`flask users …`"""
