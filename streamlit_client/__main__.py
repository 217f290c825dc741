import http.server, os
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self): self.send_response(200); self.end_headers()
http.server.HTTPServer(("127.0.0.1",int(os.environ["STREAMLIT_PORT"])),H).serve_forever()
