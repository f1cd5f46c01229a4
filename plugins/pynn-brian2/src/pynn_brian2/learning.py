"""What a spike does to a synapse, as Brian code; times are ms, and every name in it comes from the table."""

from __future__ import annotations

from pynn_brian2.models import Kind

# Tsodyks, Uziel & Markram (2000), eq. 3-4, solved from spike to spike: y decays with tau_syn into z = 1 - x - y, and z
# with tau_rec into x. phi1(x) is (1 - exp(-x)) / x, also at 0.
_TSODYKS = """
since = now - last
last = now
u_kept = int(tau_facil > 0) * exp(-since / (tau_facil + int(tau_facil <= 0)))
slower = int(tau_rec >= {tau}) * tau_rec + int(tau_rec < {tau}) * {tau}
passed = since * exp(-since / slower) * phi1(abs(1 / {tau} - 1 / tau_rec) * since) / {tau}
z_now = (1 - x - y) * exp(-since / tau_rec) + y * passed
y_now = y * exp(-since / {tau})
u_now = u * u_kept + U * (1 - u * u_kept)
moved = u_now * (1 - y_now - z_now)
u = u_now
x = 1 - y_now - z_now - moved
y = y_now + moved
"""
# The trace of one side: its value before the last spikes, how many there were then, and when. Spikes that reach the
# synapse in one step do not see each other.
_TRACE = """
seen_{side} = int({side}_last != t / ms)
{side}_kept = exp(-(t / ms - {side}_last) / {tau})
{side}_now = (1 - seen_{side}) * {side}_before + seen_{side} * ({side}_before + {side}_count) * {side}_kept
"""
_ADD = """
{side}_before = {side}_now
{side}_count = 1 + (1 - seen_{side}) * {side}_count
{side}_last = t / ms
"""
# f = (w - w_min) / (w_max - w_min) moves by the size of the change, weighed as the rule says; 0 changes nothing
_CHANGE = """
span = w_max - w_min
f = (weight - w_min) / (span + int(span == 0))
inside = clip(f, 0, 1)
rises = int(by > 0)
moves = int(by != 0) * int(span != 0)
share = rises * ({up}) + (1 - rises) * ({down})
weight = moves * (w_min + clip(f + share * by, 0, 1) * span) + (1 - moves) * weight
"""
_CLIP = """
low = int(w_min <= w_max) * w_min + int(w_min > w_max) * w_max
high = int(w_min <= w_max) * w_max + int(w_min > w_max) * w_min
weight = clip({changed}, low, high)
"""
_SHARES = {
    "AdditiveWeightDependence": ("1", "1"),
    "MultiplicativeWeightDependence": ("1 - inside", "inside"),
    "AdditivePotentiationMultiplicativeDepression": ("1", "inside"),
    "GutigWeightDependence": ("(1 - inside) ** mu_plus", "inside ** mu_minus"),
}

TRACES = tuple(f"{side}_{what}" for side in ("sent", "heard") for what in ("before", "count", "last"))
STATE = {"static": (), "tsodyks": ("u", "x", "y", "last"), "chance": ("passed",), "quantal": ("u", "passed")}


def state_of(kind: Kind) -> tuple[str, ...]:
    """What a synapse of this kind keeps beside its parameters."""
    return STATE.get(kind.name, TRACES if kind.name in ("stdp", "vogels") else ())


def learnt(kind: Kind) -> tuple[str, ...]:
    """Which parameters change by themselves, so that each synapse has a value of its own."""
    return ("weight",) if kind.name in ("stdp", "vogels") else ()


def on_arrival(kind: Kind, variable: str, factor: str, tau: str) -> str:
    """A spike reaches a synapse without plasticity of its own; its weight goes to ``variable`` of the target."""
    factor = "" if factor == "1" else f" * {factor}_post"
    released = {"static": "", "tsodyks": " * moved", "chance": " * passed", "quantal": " * passed"}[kind.name]
    before = _TSODYKS.format(tau=tau) if kind.name == "tsodyks" else ""
    return f"{before}{variable}_post += weight{released}{factor}"


def on_sent(kind: Kind) -> str:
    """A presynaptic spike reaches a synapse that learns: it depresses by all earlier spikes of the target."""
    if kind.name == "vogels":
        change = _CLIP.format(changed="weight + eta * (heard_now - 2 * rho * tau / 1000)")
        return _trace("heard", "tau") + change + _trace("sent", "tau") + _ADD.format(side="sent")
    change = "by = -A_minus * heard_now\n" + _change(kind)
    return _trace("heard", "tau_minus") + change + _trace("sent", "tau_plus") + _ADD.format(side="sent")


def on_heard(kind: Kind) -> str:
    """A spike of the target reaches the synapse: it potentiates by all earlier presynaptic spikes."""
    if kind.name == "vogels":
        change = _CLIP.format(changed="weight + eta * sent_now")
        return _trace("sent", "tau") + change + _trace("heard", "tau") + _ADD.format(side="heard")
    change = "by = A_plus * sent_now\n" + _change(kind)
    return _trace("sent", "tau_plus") + change + _trace("heard", "tau_minus") + _ADD.format(side="heard")


def _trace(side: str, tau: str) -> str:
    return _TRACE.format(side=side, tau=tau)


def _change(kind: Kind) -> str:
    up, down = _SHARES[kind.bounds]
    return _CHANGE.format(up=up, down=down)
