"""Who is at the counter: staff tiles and a PIN pad; and, at the first start, pairing the till with its central."""

from ui.sign_in.pairing import Pair, PairingForm, PairingPresenter
from ui.sign_in.pairing_view import PairingPage
from ui.sign_in.presenter import SignInPresenter
from ui.sign_in.view import SignIn, SignInPage

__all__ = [
    "Pair",
    "PairingForm",
    "PairingPage",
    "PairingPresenter",
    "SignIn",
    "SignInPage",
    "SignInPresenter",
]
