"""Find the caller's cart, and merge a guest's cart into it after sign-in."""

from app.kernel.ids import new_id
from app.modules.orders.domain.carts.cart import Cart, Holder, hash_of, merged
from app.modules.orders.ports import UnitOfWork


def find_cart(uow: UnitOfWork, holder: Holder) -> Cart:
    """The caller's cart; a new, empty, unsaved one if there is none. When a guest has signed in, the guest's cart is
    merged into the customer's and deleted.

    Nothing is merged into a cart that an order locks: the guest's cart stays, and a later request merges it.
    """
    guests = uow.carts.of_guest(hash_of(holder.token)) if holder.token else None
    if holder.customer_id is None:
        return guests or Cart(id=new_id(), customer_id=None, token_hash=None, touched_at=uow.now)

    mine = uow.carts.of_customer(holder.customer_id)
    mine = mine or Cart(id=new_id(), customer_id=holder.customer_id, token_hash=None, touched_at=uow.now)
    if guests is None or mine.order_id is not None:
        return mine
    uow.carts.remove(guests)
    return uow.carts.save(merged(mine, guests, uow.now))


def has_cart_to_claim(uow: UnitOfWork, holder: Holder) -> bool:
    """Whether find_cart may write to the database, because a guest's cart is to be merged."""
    if holder.customer_id is None or not holder.token:
        return False
    return uow.carts.of_guest(hash_of(holder.token)) is not None
