"""Use cases of orders: placing, moving, showing and operating on them."""
