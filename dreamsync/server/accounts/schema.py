"""Tables of accounts, devices and tokens. Times are epoch milliseconds (`_ms`).

Nothing here opens anything by itself: passwords are argon2 hashes, join codes SHA-256 hashes of
random texts, login keys keyed hashes of emails and addresses, and of refresh tokens there is only
a count (`refresh.py`).
"""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
)

metadata = MetaData()

accounts = Table(
    "accounts",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("email", String(254), nullable=False, comment="as the person writes it"),
    Column("email_key", String(254), nullable=False, unique=True, comment="NFC and case folded"),
    Column("password_hash", String(200), nullable=False, comment="argon2id, with its parameters"),
    Column("created_at_ms", BigInteger, nullable=False),
)

devices = Table(
    "devices",
    metadata,
    Column(
        "account_id", String(36), ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True
    ),
    Column("id", String(64), primary_key=True, comment="chosen by the client, unique per account"),
    Column("name", String(100), nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("last_seen_at_ms", BigInteger, nullable=False),
    Column("revoked_at_ms", BigInteger, comment="null while the device may sign in by token"),
    Column(
        "generation",
        Integer,
        nullable=False,
        comment="named in access tokens; growing it ends all that were issued before",
    ),
)

refresh_families = Table(
    "refresh_families",
    metadata,
    Column("id", String(32), primary_key=True, comment="random; one sign-in of one device"),
    Column("account_id", String(36), nullable=False),
    Column("device_id", String(64), nullable=False),
    Column("position", Integer, nullable=False, comment="the newest token's, counted from 0"),
    Column("rotated_at_ms", BigInteger, nullable=False, comment="when the newest was issued"),
    Column("repeated_at_ms", BigInteger, comment="when the newest was answered a second time"),
    ForeignKeyConstraint(
        ["account_id", "device_id"],
        ["devices.account_id", "devices.id"],
        ondelete="CASCADE",
    ),
    Index("refresh_families_by_device", "account_id", "device_id"),
)

join_codes = Table(
    "join_codes",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("account_id", String(36), ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("expires_at_ms", BigInteger, nullable=False),
)

login_failures = Table(
    "login_failures",
    metadata,
    Column("key", String(64), primary_key=True, comment="keyed hash of an email or an address"),
    Column("failures", Integer, nullable=False, comment="since the count last started at 0"),
    Column("last_failure_at_ms", BigInteger, nullable=False),
)
