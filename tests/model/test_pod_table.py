from chalicelib.model.pod_table import READERS, SHOWN, read, write
from tests.builders import a_full_pod, a_pod


def test_what_an_operator_sets_is_shown_and_explained_to_him():
    assert set(READERS) <= set(SHOWN)


def test_what_is_written_of_a_pod_is_read_again():
    pod = a_full_pod()

    assert a_pod(**read(write(pod, READERS), READERS)) == a_full_pod("pod-a")
