"""The audits of orders, and what other modules answered to them."""
