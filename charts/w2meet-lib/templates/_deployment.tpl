{{/*
A Deployment of one of our binaries:
  root, component
  values    replicas, settings, resources of this part
  scaled    whether somebody else decides on the replicas
  env       the part's own environment, as YAML
  secrets   Secrets mounted as files: a list of {name, key}
  migrate   whether `<binary> migrate` runs first, and its environment as YAML
*/}}
{{- define "w2meet-lib.deployment" -}}
{{- $root := .root -}}
{{- $secrets := concat (.secrets | default list) (include "w2meet-lib.serviceSecret" $root | fromYamlArray) (include "w2meet-lib.tlsFiles" $root | fromYamlArray) -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "w2meet-lib.metadata" . | nindent 2 }}
spec:
  {{- if not .scaled }}
  replicas: {{ .values.replicas }}
  {{- end }}
  strategy:
    type: RollingUpdate
    rollingUpdate:
      maxUnavailable: 0
      maxSurge: 1
  selector:
    matchLabels:
      {{- include "w2meet-lib.selectorLabels" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "w2meet-lib.podLabels" . | nindent 8 }}
      {{- with $root.Values.podAnnotations }}
      annotations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
    spec:
      serviceAccountName: {{ include "w2meet-lib.fullname" $root }}
      automountServiceAccountToken: false
      enableServiceLinks: false
      terminationGracePeriodSeconds: {{ include "w2meet-lib.terminationGrace" .values.settings }}
      securityContext:
        {{- include "w2meet-lib.podSecurity" 65532 | nindent 8 }}
      {{- with include "w2meet-lib.pullSecrets" $root | trim }}
      {{- . | nindent 6 }}
      {{- end }}
      {{- with include "w2meet-lib.scheduling" . | trim }}
      {{- . | nindent 6 }}
      {{- end }}
      {{- with include "w2meet-lib.spread" . | trim }}
      {{- . | nindent 6 }}
      {{- end }}
      {{- if .migrate }}
      initContainers:
        - name: migrate
          args: [migrate]
          {{- include "w2meet-lib.container" (dict "root" $root "env" .migrate "secrets" $secrets "resources" .values.resources) | nindent 10 }}
      {{- end }}
      containers:
        - name: {{ $root.Chart.Name }}
          ports:
            - { name: http, containerPort: 8000 }
            - { name: public, containerPort: 8001 }
            - { name: ops, containerPort: 9090 }
          {{- include "w2meet-lib.probes" . | nindent 10 }}
          {{- $env := printf "%s\n%s" (include "w2meet-lib.serveEnv" (dict "root" $root "settings" .values.settings)) .env }}
          {{- include "w2meet-lib.container" (dict "root" $root "env" $env "extraEnv" $root.Values.extraEnv "secrets" $secrets "resources" .values.resources) | nindent 10 }}
      {{- with $secrets }}
      volumes:
        - name: stores
          projected:
            defaultMode: 288 # 0440
            sources:
              {{- range . }}
              - secret:
                  name: {{ .name }}
                  items:
                    - { key: {{ .key }}, path: {{ .path }} }
              {{- end }}
      {{- end }}
{{- end -}}

{{/* The Secret by which the services know each other, as a list of one or none. */}}
{{- define "w2meet-lib.serviceSecret" -}}
{{- $values := .Values.global.serviceSecret -}}
{{- with $values.existingSecret -}}
- name: {{ tpl . $ }}
  key: {{ $values.key | default "service-secret" }}
  path: service-secret
{{- end -}}
{{- end -}}

{{/* The files of the Secret by which the services speak TLS, as a list. */}}
{{- define "w2meet-lib.tlsFiles" -}}
{{- with .Values.global.tls.existingSecret -}}
{{- $name := tpl . $ -}}
{{- range list "tls.crt" "tls.key" "ca.crt" }}
- { name: {{ $name }}, key: {{ . }}, path: {{ . }} }
{{- end }}
{{- end -}}
{{- end -}}

{{/* The base URL of another service, `https` where the services speak TLS: root, url. */}}
{{- define "w2meet-lib.peerUrl" -}}
{{- $url := tpl .url .root -}}
{{- ternary (regexReplaceAll "^http:" $url "https:") $url (ne .root.Values.global.tls.existingSecret "") -}}
{{- end -}}

{{/* By which other services are known. */}}
{{- define "w2meet-lib.peerCa" -}}
{{- if .Values.global.tls.existingSecret }}
- name: PEER_CA
  value: /run/secrets/w2meet/ca.crt
{{- end }}
{{- end -}}

{{/* What a container of ours has, whichever it is. */}}
{{- define "w2meet-lib.container" -}}
image: {{ include "w2meet-lib.image" .root }}
imagePullPolicy: {{ .root.Values.global.image.pullPolicy }}
securityContext:
  {{- include "w2meet-lib.containerSecurity" . | nindent 2 }}
resources:
  {{- include "w2meet-lib.resources" . | nindent 2 }}
env:
  {{- include "w2meet-lib.env" . | nindent 2 }}
{{- if .secrets }}
volumeMounts:
  - name: stores
    mountPath: /run/secrets/w2meet
    readOnly: true
{{- end }}
{{- end -}}

{{/* The environment. A name may stand there once only, so what `extraEnv` names is left out of our own. */}}
{{- define "w2meet-lib.env" -}}
{{- if .extraEnv -}}
{{- $extra := dict -}}
{{- range .extraEnv }}{{ $_ := set $extra .name . }}{{ end -}}
{{- $env := list -}}
{{- range trim .env | fromYamlArray }}
{{- if not (hasKey $extra .name) }}{{ $env = append $env . }}{{ end }}
{{- end -}}
{{- toYaml (concat $env .extraEnv) -}}
{{- else -}}
{{- trim .env -}}
{{- end -}}
{{- end -}}
