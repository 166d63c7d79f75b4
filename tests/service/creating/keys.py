"""Keys: one user's keypairs over two pods, for tests of races, silence and crashes."""

from datetime import timedelta

from chalicelib.model.pod_request import PodReply
from chalicelib.service.creating.keypairs import KeypairOrder
from tests.builders import NOW, a_pod
from tests.service.creating.key_pods import MARK, KeyPods, a_key
from tests.service.desk import World
from tests.service.kinds.scripted_pods import TENANT

USER = TENANT.identity.user_id
NAME = "mine"
POD_A, POD_B = a_pod("pod-a"), a_pod("pod-b", created_at=NOW + timedelta(seconds=1))
MADE = PodReply(202, MARK, b'{"server": {"id": "s"}}')


class Keys(World):
    """One user's keypairs over two pods."""

    def __init__(self, **scripted):
        self.inside = KeyPods()
        super().__init__(
            POD_A, POD_B, client=self.inside, fingerprint=lambda kind, text: f"of {text[8:]}", **scripted
        )
        self.store, self.keypairs = self.outside.keypairs, self.services.keypairs
        self.imports, self.clean_up = self.services.keypair_imports, self.services.keypair_clean_up

    def create(self, text=None, name=NAME):
        return self.keypairs.create(TENANT, KeypairOrder(USER, name, "ssh", text and f"ssh-rsa {text}"))

    def kept(self, name=NAME):
        return self.store.get(USER, name)

    def send(self, pod=POD_A, reply=MADE):
        wanted = self.imports.wanted(TENANT, NAME)
        return self.imports.before(TENANT, pod, wanted, lambda: reply)

    def inside_of(self, pod_id):
        found = self.inside.keys[pod_id].get((USER, NAME))
        return found and found.text.removeprefix("ssh-rsa ")

    def put_inside(self, pod_id, text):
        self.inside.keys[pod_id][USER, NAME] = a_key(text)

    def meanwhile(self, heard, do):
        """Do something once, just before this request comes to a pod."""

        def before(coming):
            if coming == heard:
                self.inside.before = lambda heard: None
                do()

        self.inside.before = before

    def killed_at(self, heard):
        """Die just before this request comes to a pod: as a process that is gone, write nothing more."""

        def kill(*_):
            raise Killed

        self.meanwhile(heard, lambda: setattr(self.store, "put", kill))

    def another_process(self):
        del self.store.put


class Killed(BaseException):
    """What ends a process, which nobody catches."""
