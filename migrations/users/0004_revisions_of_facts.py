"""Store the revision of the fields with which a snapshot was published."""

from app.runtime.platform import v4

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    v4.upgrade()


def downgrade() -> None:
    v4.downgrade()
