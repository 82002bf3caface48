"""The pages of payments for staff: the payment of an order, its refunds, and a refund."""
