"""The tables in the guides are as the code would write them."""

from docs.generated import ADMIN_API, with_pod_fields


def test_the_guides_table_of_a_pods_fields_is_what_make_docs_writes():
    guide = ADMIN_API.read_text()

    assert guide == with_pod_fields(guide), "the table is stale: make docs"
