#!/usr/bin/python3
"""A participant of mpcomm's persistent multicast, written from docs/PROTOCOL.md alone.
participant.py ID LOG HOST PORT: each line of stdin is multicast, all that comes written to LOG."""
import json, os, socket, struct, sys, threading, uuid, msgpack

ID, LOG, HOST, PORT = sys.argv[1:]
session, sending = str(uuid.uuid4()), threading.Lock()

def send(connection, **message):
    body = msgpack.packb(message)
    with sending:
        connection.sendall(struct.pack(">I", len(body)) + body)

def receive(stream):
    head = stream.read(4)
    return msgpack.unpackb(stream.read(struct.unpack(">I", head)[0])) if len(head) == 4 else {}

def last_logged():
    lines = open(LOG, encoding="utf-8").readlines() if os.path.exists(LOG) else []
    return lines[-1].split("\t")[:2] if lines else (None, 0)

def serve(delivery):
    with delivery, delivery.makefile("rb") as stream, open(LOG, "a", encoding="utf-8") as log:
        opening, ended = receive(stream), threading.Event()
        if opening.get("id") != ID or opening.get("session") != session:
            return send(delivery, type="error", reason="Not " + ID + " in this session")
        store, number = last_logged()
        logged = max(opening["after"], int(number) if store == opening["store"] else 0)
        send(delivery, type="opened", id=ID, session=session, logged=logged)
        def give_signs_of_life():
            while not ended.wait(0.5): send(delivery, type="logged", seq=logged)
        threading.Thread(target=give_signs_of_life, daemon=True).start()
        while (words := receive(stream)).get("type") == "deliver" and words["first"] <= logged + 1:
            messages = zip(words["messages"][1::3], words["messages"][2::3])
            for seq, (sender, payload) in enumerate(messages, words["first"]):
                text = json.dumps(payload.decode("utf-8", "replace"), ensure_ascii=False)
                if seq > logged: log.write(f"{opening['store']}\t{seq}\t{sender}\t{text}\n")
            log.flush(), os.fsync(log.fileno())
            logged = max(logged, seq)
            send(delivery, type="logged", seq=logged)
        ended.set()

def accept():
    while True:
        threading.Thread(target=serve, args=[listener.accept()[0]], daemon=True).start()

def ask(type, request, **fields):
    send(coordinator, type=type, request=request, id=ID, **fields)
    reply = receive(replies)
    print(type, "is done" if reply.get("type") == "ok" else reply.get("reason"), flush=True)

listener = socket.create_server(("127.0.0.1", 0))
threading.Thread(target=accept, daemon=True).start()
coordinator = socket.create_connection((HOST, int(PORT)))
replies = coordinator.makefile("rb")
address = {"host": "127.0.0.1", "port": listener.getsockname()[1]}
ask("register" if last_logged()[0] is None else "reconnect", session, address=address)
for line in sys.stdin:
    ask("msend", str(uuid.uuid4()), session=session, payload=line.rstrip("\n").encode())
ask("disconnect", str(uuid.uuid4()), session=session)
