# One image for every entry point: APP says which modules it hosts (wsgi, app.modules.orders.wsgi, …).
# With what records traces: docker build --build-arg LOCK=requirements-tracing.lock .
FROM python:3.13.7-slim-bookworm AS build
WORKDIR /build
ARG LOCK
COPY requirements.lock requirements-tracing.lock ./
RUN python -m venv /opt/quartet
RUN /opt/quartet/bin/pip install --disable-pip-version-check --no-cache-dir --require-hashes -r ${LOCK:-requirements.lock}

FROM python:3.13.7-slim-bookworm
RUN useradd --system --uid 10001 --no-create-home quartet && install -d -m 700 -o quartet /var/lib/quartet
WORKDIR /srv/quartet
COPY --from=build /opt/quartet /opt/quartet
COPY alembic.ini wsgi.py ./
COPY app app
COPY migrations migrations
COPY sandbox sandbox
COPY storefront storefront
COPY deploy/healthcheck.py deploy/healthcheck.py
ENV PATH=/opt/quartet/bin:$PATH PYTHONUNBUFFERED=1 APP=wsgi HOST=0.0.0.0 PORT=5000 QUARTET_DATA=/var/lib/quartet
USER 10001
VOLUME /var/lib/quartet
EXPOSE 5000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s CMD ["python", "deploy/healthcheck.py"]
CMD ["sh", "-c", "exec flask --app $APP serve"]
