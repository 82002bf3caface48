"""Find the caller's cart."""

from app.kernel.ids import new_id
from app.modules.orders.domain.cart import Cart, Holder, hash_of, merged
from app.modules.orders.ports import UnitOfWork


def find_cart(uow: UnitOfWork, holder: Holder) -> Cart:
    """The caller's cart, an empty one that is not saved if there is none; a guest's who has signed in is claimed.

    A cart that an order locks takes nothing in: the guest's then waits, to be claimed by a later request.
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


def has_one_to_claim(uow: UnitOfWork, holder: Holder) -> bool:
    """Whether finding the caller's cart writes to the database."""
    if holder.customer_id is None or not holder.token:
        return False
    return uow.carts.of_guest(hash_of(holder.token)) is not None
