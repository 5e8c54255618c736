# The images of W2Meet: `docker build --target user-service .`, or all of them by scripts/images.sh.
# Each is one static binary on an empty base: no shell, no package, nobody is root.
# The stages run on the platform that they build for, so `docker buildx build --platform linux/amd64,linux/arm64` works.

ARG RUST=1.95

FROM docker.io/library/rust:${RUST}-slim-bookworm AS chef
RUN apt-get update \
 && apt-get install --yes --no-install-recommends build-essential ca-certificates \
 && rm -rf /var/lib/apt/lists/* \
 && cargo install cargo-chef --locked --version 0.1.78
WORKDIR /w2meet
# With a target of its own (below) it is for the programs alone; procedural macros cannot be static.
ENV RUSTFLAGS="-C target-feature=+crt-static"

FROM chef AS planner
COPY . .
RUN cargo chef prepare --recipe-path recipe.json

# Dependencies are a layer of their own: it is built again only when they change. The packages are those that are built
# below, so that the features are too.
FROM chef AS builder
COPY --from=planner /w2meet/recipe.json .
RUN cargo chef cook --locked --release --target "$(rustc -vV | sed -n 's/^host: //p')" --recipe-path recipe.json \
    --package user-service --package availability-service --package suggestion-service --package worker-service \
    --package w2meet-operator --package w2meet
COPY . .
RUN OUT=/out scripts/images.sh binaries

# What is in the images. scripts/images.sh puts a folder of this machine in its place to build without a base image.
FROM scratch AS binaries
COPY --from=builder /out/root /

FROM scratch AS base
ARG VERSION=0.0.0
ARG REVISION=unknown
# The roots of TLS, and the names that programs look for.
COPY --from=binaries /etc /etc
LABEL org.opencontainers.image.vendor="W2Meet" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
USER 65532:65532

FROM base AS user-service
COPY --from=binaries /bin/user-service /user-service
LABEL org.opencontainers.image.title="user-service" \
      org.opencontainers.image.description="People and their weekly availability"
EXPOSE 8000 9090
ENTRYPOINT ["/user-service"]

FROM base AS availability-service
COPY --from=binaries /bin/availability-service /availability-service
LABEL org.opencontainers.image.title="availability-service" \
      org.opencontainers.image.description="What people share"
EXPOSE 8000 9090
ENTRYPOINT ["/availability-service"]

FROM base AS suggestion-service
COPY --from=binaries /bin/suggestion-service /suggestion-service
LABEL org.opencontainers.image.title="suggestion-service" \
      org.opencontainers.image.description="Which hour to take"
EXPOSE 8000 9090
ENTRYPOINT ["/suggestion-service"]

FROM base AS worker-service
COPY --from=binaries /bin/worker-service /worker-service
LABEL org.opencontainers.image.title="worker-service" \
      org.opencontainers.image.description="Jobs: the API and the consumer"
EXPOSE 8000 9090
ENTRYPOINT ["/worker-service"]

FROM base AS w2meet-operator
COPY --from=binaries /bin/w2meet-operator /w2meet-operator
LABEL org.opencontainers.image.title="w2meet-operator" \
      org.opencontainers.image.description="Scales the consumers of queues"
EXPOSE 9090
ENTRYPOINT ["/w2meet-operator"]

FROM base AS w2meet
COPY --from=binaries /bin/w2meet /w2meet
COPY --from=binaries --chown=65532:65532 /data /data
LABEL org.opencontainers.image.title="w2meet" \
      org.opencontainers.image.description="All of W2Meet in one process, with embedded stores"
ENV LISTEN=0.0.0.0:8080 OPS_LISTEN=0.0.0.0:9090 DATA_DIR=/data
EXPOSE 8080 9090
VOLUME /data
ENTRYPOINT ["/w2meet"]
