import argparse, json, os, signal, socket, threading, ctypes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit
from .api import Api, NoAnswer, Request
from .faults import fault_from
from .sender import Sender
from .shop import Shop
from .store import Store
p=argparse.ArgumentParser()
for n in ("port","database","webhook-url","webhook-secret"): p.add_argument("--"+n)
p.add_argument("--die-with-parent",action="store_true")
o=p.parse_args()
if o.die_with_parent: ctypes.CDLL(None).prctl(1, signal.SIGTERM)
store=Store(o.database)
sender=Sender(store,o.webhook_url,(o.webhook_secret,))
shop=Shop(store,f"http://127.0.0.1:{o.port}",sender.wake)
api=Api(shop)
class H(BaseHTTPRequestHandler):
    protocol_version="HTTP/1.1"
    disable_nagle_algorithm=True
    def log_message(self,*a): pass
    def go(self):
        u=urlsplit(self.path); body=self.rfile.read(int(self.headers.get("content-length") or 0))
        if u.path.startswith("/sandbox/"):
            if u.path=="/sandbox/faults" and self.command=="POST": shop.faults.add(fault_from(json.loads(body)))
            with store.transaction() as rows:
                objs=[json.loads(r[0]) for r in rows.run("select body from objects")]
            pis={x["id"]:x for x in objs if x["object"]=="payment_intent"}
            caps={}
            for c in objs:
                if c["object"]=="charge" and c["captured"]:
                    k=pis[c["payment_intent"]]["metadata"]["order_id"]; caps[k]=caps.get(k,0)+1
            d=json.dumps({"captures_by_order":caps,"intents":[x for x in objs if x["object"]=="payment_intent"]}).encode(); st=200; hd={}
        else:
            try: a=api.answer(Request(self.command,u.path,u.query.encode(),body,{k.lower():v for k,v in self.headers.items()}))
            except NoAnswer:
                self.close_connection=True; self.connection.shutdown(socket.SHUT_RDWR); return
            d,st,hd=a.body,a.status,a.headers
        self.send_response(st)
        for k,v in hd.items():
            if k.lower()!="content-length": self.send_header(k,v)
        self.send_header("Content-Length",str(len(d))); self.end_headers(); self.wfile.write(d)
    do_GET=do_POST=do_DELETE=go
s=ThreadingHTTPServer(("127.0.0.1",int(o.port)),H); s.daemon_threads=True
sender.start()
signal.signal(signal.SIGTERM,lambda *a: threading.Thread(target=s.shutdown).start())
signal.signal(signal.SIGINT,lambda *a: threading.Thread(target=s.shutdown).start())
print("sandbox ready",flush=True)
s.serve_forever(); sender.stop(); store.close()
