"""configs/randconfig.py: a random configuration, for tests. Kconfiglib has no randconfig; this is one on its API.

A pure function of the Kconfig file and a seed: the same seed repeats the same choice, so a test that failed can be
run again from the seed that it printed. Used by configs/kconfig, which has the files and the messages.
"""

import os
import random
import secrets

import kconfiglib


def seed_from_environment():
    """KCONFIG_SEED (decimal, or hexadecimal with 0x) or a fresh seed. ValueError, as a sentence, for anything else."""
    text = os.environ.get("KCONFIG_SEED", "")
    if not text:
        return secrets.randbelow(2**32)
    try:
        return int(text, 0)
    except ValueError:
        raise ValueError(f"KCONFIG_SEED is a whole number, not {text}.") from None


def choose(kconf, seed):
    """Gives every option that a user could change a random one of the values it may have.

    Options are visited as menuconfig shows them. An option depends on earlier ones as a rule, so what is visible when we come by
    is visible at the end; where a later choice hides it again, Kconfig ignores the value, and the result is valid
    all the same."""
    dice = random.Random(seed)
    for node in kconf.node_iter(unique_syms=True):
        item = node.item
        if not isinstance(item, (kconfiglib.Symbol, kconfiglib.Choice)) or not item.visibility:
            continue
        if isinstance(item, kconfiglib.Choice):
            visible = [option for option in item.syms if option.visibility]
            if visible:
                dice.choice(visible).set_value("y")
        elif item.choice:
            pass  # its choice has decided
        elif item.type in (kconfiglib.BOOL, kconfiglib.TRISTATE):
            if item.assignable:
                item.set_value(dice.choice(item.assignable))
        elif item.type in (kconfiglib.INT, kconfiglib.HEX):
            base, form = (10, str) if item.type is kconfiglib.INT else (16, hex)
            for low, high, condition in item.ranges:
                if kconfiglib.expr_value(condition):
                    item.set_value(form(dice.randint(int(low.str_value, base), int(high.str_value, base))))
                    break
