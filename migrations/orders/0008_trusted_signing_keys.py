"""Store which signing keys are signed by a root key. Keys that were received before root keys existed stay valid for two
hours, in which users publishes them again with a signature."""

from app.runtime.platform import v5

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    v5.upgrade()


def downgrade() -> None:
    v5.downgrade()
