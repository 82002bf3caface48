"""Which keys sign tokens, as root keys say. Those known before there were any count for two hours more, in which users
says them again, signed."""

from app.runtime.platform import v5

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    v5.upgrade()


def downgrade() -> None:
    v5.downgrade()
