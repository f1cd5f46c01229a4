"""The table: PyNN's name → what it is here. MySim happens to count in PyNN's units, but in volts for the membrane."""

from cawan.simulator import Native, NativeModel, Receptor

VOLT = 1e-3  # native value = scale × PyNN's value

MODELS = {
    "IF_curr_exp": NativeModel(
        "lif",
        {
            "v_rest": Native("E_rest", VOLT),
            "v_thresh": Native("E_fire", VOLT),
            "v_reset": Native("E_reset", VOLT),
            "tau_m": Native("tau"),
            "cm": Native("cap"),
            "tau_refrac": Native("dead_time"),
            "tau_syn_E": Native("tau0"),
            "tau_syn_I": Native("tau1"),
            "i_offset": Native("bias"),
        },
        {"v": Native("E", VOLT)},
        {"excitatory": Receptor(0), "inhibitory": Receptor(1)},
    ),
    "SpikeSourceArray": NativeModel("player", {"spike_times": Native("times")}),
    "StaticSynapse": NativeModel("wire", {"weight": Native("weight", is_weight=True), "delay": Native("delay")}),
    "StepCurrentSource": NativeModel("steps", {"times": Native("times"), "amplitudes": Native("amplitudes")}),
    "CurrentInjection": NativeModel("clamp", {}),
}
