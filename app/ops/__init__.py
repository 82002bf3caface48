"""What people who run the shop see and do, over HTTP and by command: of each module by itself, and written down."""
