"""Routes of promotions and coupons."""
