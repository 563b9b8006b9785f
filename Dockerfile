# The same build as the README's, then nothing but the binary.
FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo build --release --locked

FROM debian:bookworm-slim
COPY --from=build /src/target/release/whence /usr/local/bin/whence
COPY config/container.toml /etc/whence/whence.toml
# A new volume takes its owner from here.
RUN install -d -o nobody -g nogroup /data
USER nobody:nogroup
WORKDIR /data
VOLUME /data
EXPOSE 5060/udp 5060/tcp 8080/tcp
# Whether the process answers, not whether the database does: without one, calls
# still ring, and a restart would end them. The image has bash, but no curl.
HEALTHCHECK --interval=15s --timeout=3s --start-period=10s \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /healthz HTTP/1.0\\r\\n\\r\\n' >&3 && read -r _ status _ <&3 && [ \"$status\" = 200 ]"]
ENTRYPOINT ["whence"]
CMD ["serve", "--config", "/etc/whence/whence.toml"]
