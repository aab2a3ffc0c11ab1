"""Hold ``st.connection`` over the SQLAlchemy dialect: an app runs, and its second run asks Stripe for nothing."""

import pytest

pytestmark = pytest.mark.filterwarnings("default")

APP = """
import streamlit as st

connection = st.connection("stripe", type="sql")
monthly = connection.query(
    "SELECT date_trunc('month', created) AS month, count(*) AS charges FROM charges WHERE currency = :currency GROUP BY month ORDER BY month",
    params={"currency": "usd"},
    ttl=600,
)
st.bar_chart(monthly, x="month", y="charges")
st.dataframe(connection.query("SELECT id, created, metadata FROM charges", ttl=600))
"""


def test_app_runs_and_keeps_what_it_read(url, sim, tmp_path):
    testing = pytest.importorskip("streamlit.testing.v1")
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "secrets.toml").write_text(f'[connections.stripe]\nurl = "{url}"\n')
    (tmp_path / "app.py").write_text(APP)
    app = testing.AppTest.from_file(str(tmp_path / "app.py"), default_timeout=60).run()
    assert not app.exception
    frame = app.dataframe[0].value
    assert sorted(frame["id"]) == sorted(each["id"] for each in sim.listed("charges"))
    assert str(frame["created"].dtype).endswith(", UTC]")
    sim.clear_log()
    assert not app.run().exception
    assert sim.log == []
