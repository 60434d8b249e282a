# syntax=docker/dockerfile:1

# Build: everything is installed into one folder, with hashes checked.
FROM python:3.12-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
COPY requirements.lock ./
RUN python -m venv /opt/trapwise && /opt/trapwise/bin/pip install --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY bot ./bot
COPY storage ./storage
COPY content ./content
RUN /opt/trapwise/bin/pip install --no-deps .

# Run: no pip, no compiler, no root.
FROM python:3.12-slim
RUN useradd --system --uid 10001 --home-dir /data trapwise && install -d -o trapwise /data \
    && rm -rf /usr/local/lib/python3.12/site-packages/pip* /usr/local/bin/pip*
COPY --from=build /opt/trapwise /opt/trapwise
ENV PATH=/opt/trapwise/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    TRAPWISE_DATABASE=sqlite:////data/trapwise.db TRAPWISE_WEB_HOST=0.0.0.0 TRAPWISE_HEALTH_PORT=8081
USER trapwise
WORKDIR /data
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:%s/healthz' % os.environ['TRAPWISE_HEALTH_PORT'], timeout=4)"]
ENTRYPOINT ["trapwise"]
CMD ["run"]
