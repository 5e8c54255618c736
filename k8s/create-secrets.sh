#!/usr/bin/env bash
# Prints the Secrets of the stores with random passwords: k8s/create-secrets.sh | kubectl create -f -
# With `create` the passwords of a former run stay, as they must: the volumes know them.
set -euo pipefail

password() {
  head -c 24 /dev/urandom | base64 | tr '+/' 'ab'
}

postgresql=$(password)
redis=$(password)
rabbitmq=$(password)

cat <<SECRETS
apiVersion: v1
kind: Secret
metadata: { name: w2meet-postgresql, namespace: w2meet }
stringData:
  password: "$postgresql"
  pg-dsn: "postgres://w2meet:$postgresql@w2meet-postgresql:5432/w2meet"
---
apiVersion: v1
kind: Secret
metadata: { name: w2meet-redis, namespace: w2meet }
stringData:
  redis-password: "$redis"
  redis.conf: |
    requirepass $redis
---
apiVersion: v1
kind: Secret
metadata: { name: w2meet-rabbitmq, namespace: w2meet }
stringData:
  username: w2meet
  password: "$rabbitmq"
  rabbitmq-url: "amqp://w2meet:$rabbitmq@w2meet-rabbitmq:5672/%2F"
  user.conf: |
    default_user = w2meet
    default_pass = $rabbitmq
SECRETS
