"""What may go wrong with accounts.

AccountError
├── InvalidCredentials      unknown email, wrong password, wrong or used join code: never told apart
├── RateLimited             too many failed sign-ins; carries when to try again
├── TokenRefused
│   ├── TokenInvalid        not ours, malformed, used up, or its device signed out
│   ├── TokenExpired        ours, but its time is over
│   └── DeviceRevoked       ours, but its device was revoked
├── DeviceUnknown           this account has no such device
├── InvalidAccount          an email or password that no account may have
├── AccountExists           the email is taken
└── AccountUnknown          no account has this email
"""

from dreamsync.message import N_


class AccountError(Exception):
    """Anything this room refuses; the text is for a person and holds no secret."""


class InvalidCredentials(AccountError):
    def __init__(self) -> None:
        super().__init__(N_("The email, password or join code is wrong."))


class RateLimited(AccountError):
    """`retry_after_s`: whole seconds, at least 1, until the next attempt is looked at."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(N_("Too many failed attempts. Try again in {n} seconds.", n=retry_after_s))
        self.retry_after_s = retry_after_s


class TokenRefused(AccountError):
    """The token does not open anything; sign in again or refresh."""


class TokenInvalid(TokenRefused):
    def __init__(self) -> None:
        super().__init__(N_("The token is not valid."))


class TokenExpired(TokenRefused):
    def __init__(self) -> None:
        super().__init__(N_("The token has expired. Refresh it."))


class DeviceRevoked(TokenRefused):
    def __init__(self) -> None:
        super().__init__(N_("This device was revoked. Sign in again."))


class DeviceUnknown(AccountError):
    def __init__(self) -> None:
        super().__init__(N_("There is no such device."))


class InvalidAccount(AccountError):
    """The text says what is wrong with the email or the password."""


class AccountExists(AccountError):
    def __init__(self, email: str) -> None:
        super().__init__(N_("There is already an account for {email}.", email=email))


class AccountUnknown(AccountError):
    def __init__(self, email: str) -> None:
        super().__init__(N_("There is no account for {email}.", email=email))
