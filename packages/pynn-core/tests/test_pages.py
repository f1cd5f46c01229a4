"""Pages of models, made from the classes and the simulators' tables, and what a notebook shows."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyNN import pages
from pyNN.__main__ import main
from pyNN.errors import UnknownNameError
from pyNN.simulator import Simulator


def test_every_standard_model_has_a_page_with_its_numbers_and_simulators(tmp_path: Path) -> None:
    """Each page has a sentence, every parameter with default, unit and range, and a row for each simulator."""
    count = pages.write_pages(tmp_path)

    for name, model in pages.models().items():
        text = (tmp_path / f"{name}.md").read_text(encoding="utf-8")
        assert text.startswith(f"# {name}\n\n") and len(text.splitlines()[2]) > 20
        assert all(f"| `{parameter}` |" in text for parameter in model.parameters)
        assert f"[{name}]({name}.md)" in (tmp_path / "index.md").read_text(encoding="utf-8")
    assert count == len(list(tmp_path.iterdir())) - 1 > 35
    assert "| reference | `HH_cond_exp` |" in pages.page("HH_cond_exp")


def test_the_command_shows_a_page_and_refuses_what_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    """pynn model NAME prints the page; a misspelt name gets the nearest."""
    assert main(["model", "IF_cond_exp"]) == 0
    assert "| `tau_m` | 20 | ms | above 0 |" in capsys.readouterr().out

    with pytest.raises(UnknownNameError, match="Did you mean 'IF_cond_exp'"):
        pages.page("IF_cond_ex")
    assert main(["model", "IF_cond_ex"]) == 1


def test_notebooks_show_tables_with_everything_escaped(sim: Simulator) -> None:
    """A label is text, never markup."""
    cells = sim.Population(3, sim.IF_curr_exp(), label="<b>cells</b>")
    cells.record("v")
    made = sim.Projection(cells, cells, sim.OneToOneConnector(), label="<i>p</i>")

    shown = cells._repr_html_() + made._repr_html_() + (cells + sim.Population(1, sim.HH_cond_exp()))._repr_html_()

    assert "<b>" not in shown and "<i>" not in shown and "&lt;b&gt;cells" in shown
    assert "<td style='text-align:left'>v</td>" in shown and "OneToOneConnector" in shown
