# docker build --build-arg VERSION=v1.2.3 -t stationmaster .
# docker run --read-only -v stationmaster:/data -v ./config.yaml:/config.yaml:ro \
#     -e SLACK_BOT_TOKEN -e SLACK_APP_TOKEN stationmaster run --config /config.yaml

FROM golang:1.26.8 AS build
WORKDIR /src
# Modules have a layer of their own, which stays while only the code changes.
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" \
        -o /out/stationmaster ./cmd/stationmaster \
    && mkdir -p -m 0700 /own/data \
    && mkdir -m 1777 /own/tmp

FROM scratch
LABEL org.opencontainers.image.title="stationmaster" \
      org.opencontainers.image.description="A Slack bot that runs deployment procedures" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build --chown=65532:65532 /own/ /
COPY --from=build /out/stationmaster /
COPY LICENSE /
# A number, not a name, so that Kubernetes can see that it is not root.
USER 65532:65532
# A store without a path, as in bolt://stationmaster.db, is in the volume.
WORKDIR /data
VOLUME /data
# Whether it lives and is ready is answered at /healthz and /readyz of the config's listen: the image has no
# program that could ask.
ENTRYPOINT ["/stationmaster"]
