"""`flask payments …`"""
