"""Use Superset as a person does, over the simulator, and keep pictures of it.

In: the path of Chromium, a folder for the pictures. Out: two pictures, and on the terminal what was asked and answered. Fails where
Superset's answers are not those of the driver. ``tools/try_superset.sh`` sets up what this needs.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Page, sync_playwright
from playwright.sync_api import TimeoutError as NothingCame

import stripesql
from stripesql.simulator import Simulator, serve

CONFIG = """
import os
SECRET_KEY = os.environ["SUPERSET_SECRET_KEY"]
SQLALCHEMY_DATABASE_URI = "sqlite:///" + os.environ["SUPERSET_HOME"] + "/superset.db"
WTF_CSRF_ENABLED = False
TALISMAN_ENABLED = False
FEATURE_FLAGS = {"ESTIMATE_QUERY_COST": True}
"""
ZONE = "America/New_York"
LAB = """SELECT
  c.name AS customer, count(*) AS charges, max(ch.created) AS latest,
  money(sum(ch.amount), ch.currency) AS volume, ch.currency
FROM charges AS ch JOIN customers AS c ON c.id = ch.customer
WHERE ch.status = 'succeeded' AND ch.created >= 'monthstart-3m'
GROUP BY c.name, ch.currency
ORDER BY charges DESC, volume DESC"""
MONTHLY = """
SELECT date_trunc('month', created) AS month, sum(amount) / 100.0 AS revenue
FROM charges WHERE currency = 'usd' AND status = 'succeeded' AND created >= 'yearstart-1y' AND created < 'monthstart'
GROUP BY month ORDER BY month
"""


def main() -> None:
    """Run everything."""
    chromium, pictures = sys.argv[1], Path(sys.argv[2])
    pictures.mkdir(parents=True, exist_ok=True)
    with serve(Simulator(), 0) as account, tempfile.TemporaryDirectory(prefix="superset-") as home:
        password = secrets.token_urlsafe(16)
        with superset(Path(home), password) as address:
            session = Session(address, password)
            session.use(account.url)
            with browser(chromium, pictures / "superset-failed.png") as page:
                page.goto(f"{address}/login/")
                page.fill("[data-test=username-input], #username", "admin")
                page.fill("[data-test=password-input], #password", password)
                page.click("[data-test=login-button], [type=submit]")
                page.wait_for_url(lambda url: "/login" not in url, timeout=60_000)
                picture_of_lab(page, address, session.database, pictures / "superset-sql-lab.png")
                picture_of_chart(page, address, session.chart, pictures / "superset-chart.png")
    print(f"pictures are in {pictures}")


# -- Superset


@contextmanager
def superset(home: Path, password: str) -> Iterator[str]:
    """Run Superset on loopback until the end of the block; its secrets are made here and die with it."""
    (home / "superset_config.py").write_text(CONFIG, encoding="utf-8")
    surroundings = {
        **os.environ,
        "SUPERSET_SECRET_KEY": secrets.token_urlsafe(32),
        "SUPERSET_HOME": str(home),
        "SUPERSET_CONFIG_PATH": str(home / "superset_config.py"),
        "FLASK_APP": "superset.app:create_app()",
    }
    command = str(Path(sys.executable).parent / "superset")

    def run(*arguments: str) -> None:
        print("superset", arguments[0], arguments[1] if len(arguments) > 1 and not arguments[1].startswith("-") else "")
        done = subprocess.run([command, *arguments], env=surroundings, timeout=240, check=False, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"superset {arguments[0]} failed:\n{done.stderr[-4000:]}")

    run("db", "upgrade")
    names = ("--username", "admin", "--firstname", "Ada", "--lastname", "Admin", "--email", "admin@example.com")
    run("fab", "create-admin", *names, "--password", password)
    run("init")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (home / "superset.log").open("w", encoding="utf-8")
    server = subprocess.Popen(
        [command, "run", "--host", "127.0.0.1", "--port", str(port), "--with-threads", "--no-reload"],
        env=surroundings,
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(address + "/health", 120)
        yield address
    except BaseException:
        print((home / "superset.log").read_text(encoding="utf-8")[-4000:], file=sys.stderr)
        raise
    finally:
        server.terminate()
        server.wait(30)
        log.close()


def wait_for(url: str, seconds: float) -> None:
    """Return when the page answers."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if httpx.get(url, timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.5)
    sys.exit(f"{url} did not answer within {seconds:g} s")


class Session:
    """Talk to Superset's API."""

    def __init__(self, address: str, password: str) -> None:
        self._client = httpx.Client(base_url=address, timeout=120)
        login = {"username": "admin", "password": password, "provider": "db", "refresh": False}
        token = self._post("/api/v1/security/login", login)["access_token"]
        self._client.headers["Authorization"] = f"Bearer {token}"
        self.database = self.chart = 0

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        return self._answer(self._client.post(path, json=body))

    def _answer(self, response: httpx.Response) -> Any:
        if response.status_code >= 300:
            sys.exit(f"{response.request.method} {response.request.url.path}: {response.status_code}\n{response.text[:3000]}")
        return response.json()

    def use(self, account: str) -> None:
        """Register the account, look at it, query it, make a dataset and a chart of it."""
        key = "sk_test_" + secrets.token_hex(12)
        self._connect(account, key)
        self._look()
        self._query(account, key)
        self._mistakes()
        self._draw(account, key)

    def _connect(self, account: str, key: str) -> None:
        parameters = {"password": key, "query": {"base_url": account, "timezone": ZONE}}
        form = {
            "engine": "stripe",
            "driver": "stripesql",
            "configuration_method": "dynamic_form",
            "parameters": parameters,
            "database_name": "Stripe",
        }
        self._post("/api/v1/database/validate_parameters/", {**form, "extra": "{}", "masked_encrypted_extra": "{}"})
        extra = json.dumps({"cost_estimate_enabled": True})
        made = self._post("/api/v1/database/", {**form, "extra": extra, "expose_in_sqllab": True})
        self.database = made["id"]
        shown = self._answer(self._client.get(f"/api/v1/database/{self.database}/connection"))["result"]
        assert key not in json.dumps(shown), "the key is shown"
        self._post(
            "/api/v1/database/test_connection/", {"database_name": "again", "sqlalchemy_uri": f"stripe://:{key}@/?base_url={account}"}
        )
        refused = self._client.post(
            "/api/v1/database/test_connection/", json={"database_name": "no", "sqlalchemy_uri": "stripe://:pk_test_1@/"}
        )
        print("a publishable key:", refused.status_code, refused.json()["errors"][0]["error_type"], refused.json()["errors"][0]["message"])

    def _look(self) -> None:
        base = f"/api/v1/database/{self.database}"
        print("schemas:", self._answer(self._client.get(f"{base}/schemas/"))["result"])
        tables = self._answer(self._client.get(f"{base}/tables/", params={"q": "(schema_name:stripe)"}))
        print("tables:", tables["count"])
        table = self._answer(self._client.get(f"{base}/table_metadata/", params={"name": "charges", "schema": "stripe"}))
        print("charges:", len(table["columns"]), "columns;", table["comment"])
        print("select star:", " ".join(table["selectStar"].split())[:100])

    def _query(self, account: str, key: str) -> None:
        asked = {"database_id": self.database, "sql": LAB, "schema": "stripe"}
        print("cost estimate:", self._post("/api/v1/sqllab/estimate/", asked)["result"])
        for sql in (
            *(
                LAB,
                "SELECT * FROM charges",
                "SELECT * FROM events",
                "SHOW TABLES",
                "DESCRIBE charges",
                "EXPLAIN SELECT count(*) FROM charges",
            ),
            "SELECT metadata, created, created::DATE AS day, INTERVAL '1 day' AS span, [1, 2] AS list, sum(amount) AS sum FROM charges GROUP BY ALL LIMIT 3",
        ):
            answer = self._post(
                "/api/v1/sqllab/execute/", {**asked, "sql": sql, "runAsync": False, "queryLimit": 1000, "client_id": secrets.token_hex(5)}
            )
            assert answer["status"] == "success", answer
            columns = {each["column_name"]: each["type"] for each in answer["columns"]}
            print("SQL Lab:", " ".join(sql.split())[:50], "->", len(answer["data"]), "rows,", dict(list(columns.items())[:6]))
        with stripesql.connect(key, base_url=account, timezone=ZONE) as connection:
            expected = len(connection.execute(LAB).fetchall())
        answer = self._post("/api/v1/sqllab/execute/", {**asked, "runAsync": False, "queryLimit": 1000, "client_id": secrets.token_hex(5)})
        assert len(answer["data"]) == expected, (len(answer["data"]), expected)

    def _mistakes(self) -> None:
        for sql in ("SELECT nme FROM customers", "SELECT 1 FROM customrs", "SELECT 1 FROM customers WHERE", "DELETE FROM customers"):
            body = {"database_id": self.database, "sql": sql, "schema": "stripe", "runAsync": False, "client_id": secrets.token_hex(5)}
            error = self._client.post("/api/v1/sqllab/execute/", json=body).json()["errors"][0]
            print("mistake:", sql, "->", error["error_type"], "|", error["message"])

    def _draw(self, account: str, key: str) -> None:
        dataset = self._post("/api/v1/dataset/", {"database": self.database, "schema": "stripe", "table_name": "charges"})["id"]
        described = self._answer(self._client.get(f"/api/v1/dataset/{dataset}"))["result"]
        times = [column["column_name"] for column in described["columns"] if column["is_dttm"]]
        print("dataset: times are", times, "; main is", described["main_dttm_col"])
        metric = {
            "expressionType": "SQL",
            "sqlExpression": "sum(amount) / 100.0",
            "label": "revenue",
            "hasCustomLabel": True,
            "optionName": "metric_revenue",
        }
        filters = [{"col": "currency", "op": "==", "val": "usd"}, {"col": "status", "op": "==", "val": "succeeded"}]
        start, end = bounds(account, key)
        form = {
            "datasource": f"{dataset}__table",
            "viz_type": "echarts_timeseries_bar",
            "x_axis": "created",
            "time_grain_sqla": "P1M",
            "metrics": [metric],
            "groupby": [],
            "adhoc_filters": [
                {
                    "expressionType": "SIMPLE",
                    "clause": "WHERE",
                    "subject": each["col"],
                    "operator": "==",
                    "operatorId": "EQUALS",
                    "comparator": each["val"],
                }
                for each in filters
            ]
            + [
                {
                    "expressionType": "SIMPLE",
                    "clause": "WHERE",
                    "subject": "created",
                    "operator": "TEMPORAL_RANGE",
                    "comparator": f"{start} : {end}",
                }
            ],
            "row_limit": 1000,
            "y_axis_title": "revenue, USD",
            "y_axis_title_margin": 50,
            "y_axis_title_position": "Left",
            "color_scheme": "supersetColors",
        }
        axis = {"timeGrain": "P1M", "columnType": "BASE_AXIS", "sqlExpression": "created", "label": "created", "expressionType": "SQL"}
        query = {
            "columns": [axis],
            "metrics": [metric],
            "filters": [*filters, {"col": "created", "op": "TEMPORAL_RANGE", "val": f"{start} : {end}"}],
            "orderby": [],
            "row_limit": 1000,
            "extras": {"time_grain_sqla": "P1M", "having": "", "where": ""},
        }
        context = {
            "datasource": {"id": dataset, "type": "table"},
            "queries": [query],
            "form_data": form,
            "result_format": "json",
            "result_type": "full",
        }
        result = self._post("/api/v1/chart/data", context)["result"][0]
        print("chart:", " ".join(result["query"].split()))
        with stripesql.connect(key, base_url=account, timezone=ZONE) as connection:
            expected = connection.execute(MONTHLY).fetchall()
        found = sorted((row["created"], float(row["revenue"])) for row in result["data"])
        # Superset's axis shows wall clock times, as if they were UTC.
        walls = [(int(month.replace(tzinfo=dt.UTC).timestamp() * 1000), float(revenue)) for month, revenue in expected]
        assert found == walls, (found, walls)
        print("chart:", len(found), "months, equal to the driver's")
        chart = {"slice_name": "Monthly revenue", "viz_type": form["viz_type"], "datasource_id": dataset, "datasource_type": "table"}
        self.chart = self._post("/api/v1/chart/", {**chart, "params": json.dumps(form), "query_context": json.dumps(context)})["id"]


def bounds(account: str, key: str) -> tuple[str, str]:
    """Return the chart's time range: from the beginning of last year to the beginning of this month."""
    with stripesql.connect(key, base_url=account, timezone=ZONE) as connection:
        query = "SELECT (date_trunc('year', now()) - INTERVAL 1 YEAR)::DATE, date_trunc('month', now())::DATE"
        start, end = connection.execute(query).fetchall()[0]
    return f"{start}T00:00:00", f"{end}T00:00:00"


# -- pictures


@contextmanager
def browser(chromium: str, failed: Path) -> Iterator[Page]:
    """Give a page of Chromium without a window; where something fails, what is seen is kept."""
    quiet = [
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", *quiet])
        page = started.new_page(viewport={"width": 1280, "height": 760})
        try:
            yield page
        except Exception:
            page.screenshot(path=failed)
            raise
        finally:
            started.close()


def picture_of_lab(page: Page, address: str, database: int, path: Path) -> None:
    """Run the query in SQL Lab, and keep what is seen."""
    page.goto(f"{address}/sqllab/?{httpx.QueryParams({'dbid': database, 'schema': 'stripe', 'sql': LAB, 'name': 'volume'})}")
    page.wait_for_selector("text=Run a query to display results", timeout=90_000)
    for attempt in range(3):
        page.click("button:has-text('Run')")
        try:
            page.wait_for_selector("text=/^\\d+ rows/", timeout=30_000)
            break
        except NothingCame:
            # At times the page runs the query and does not show its rows.
            print("SQL Lab shows no rows, attempt", attempt + 1)
    page.click("text=stripe >> nth=-1")
    page.wait_for_timeout(2500)
    page.screenshot(path=path)


def picture_of_chart(page: Page, address: str, chart: int, path: Path) -> None:
    """Open the chart, and keep what is seen."""
    page.goto(f"{address}/explore/?slice_id={chart}")
    page.wait_for_selector("canvas, .echarts-for-react", timeout=90_000)
    page.wait_for_timeout(4000)
    page.screenshot(path=path)


if __name__ == "__main__":
    main()
