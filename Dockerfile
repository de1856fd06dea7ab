# syntax=docker/dockerfile:1
# Two stages: the first builds a virtual environment with the gateway in it, the second only runs it.
FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
# LOCK=mcp: with the package that tools of MCP servers need (docs/mcp.md)
ARG LOCK=runtime
WORKDIR /src
COPY requirements/ requirements/
RUN python -m venv /opt/gateway \
 && /opt/gateway/bin/pip install --require-hashes -r requirements/bootstrap.lock \
 && /opt/gateway/bin/uv pip install --compile-bytecode --python /opt/gateway/bin/python --require-hashes -r requirements/$LOCK.lock
# The build backend and protoc live in an environment of their own, which is left behind.
RUN python -m venv /opt/build \
 && /opt/gateway/bin/uv pip install --python /opt/build/bin/python --require-hashes -r requirements/dev.lock
COPY . .
RUN /opt/build/bin/python -m hatchling build -t wheel \
 && /opt/gateway/bin/uv pip install --compile-bytecode --python /opt/gateway/bin/python --no-deps dist/*.whl \
 && /opt/gateway/bin/uv pip uninstall --python /opt/gateway/bin/python uv

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /var/lib/erp-gateway --create-home gateway
COPY --from=build /opt/gateway /opt/gateway
ENV PATH=/opt/gateway/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER gateway
WORKDIR /var/lib/erp-gateway
EXPOSE 50051 50080 9464
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["erp-gateway", "health"]
# SIGTERM drains: calls in progress are finished, new ones are refused as retryable.
STOPSIGNAL SIGTERM
ENTRYPOINT ["erp-gateway"]
# Others reach these addresses, so keys are needed: mount a configuration that names a keys file
# (docs/security.md), or add --open in a network of your own. Behind TLS the health check needs
# ERP_GATEWAY_CA and, where the certificate lacks this name, ERP_GATEWAY_SERVER_NAME.
CMD ["serve", "--listen", "0.0.0.0:50051", "--http-listen", "0.0.0.0:50080", "--metrics-listen", "0.0.0.0:9464", "--admin-listen", "127.0.0.1:50052"]
