{{/*
A part of the stack: one pod, its Service, its account and its configuration.
  root, component
  values    image, resources
  user      number of the image's user
  args      arguments, as YAML
  env       environment, as YAML
  ports     {name: port}
  probe     {path, port}
  config    files of the configuration: {name: text}
  at        where they are mounted
  mounts    further mounts, as YAML
  volumes   further volumes, as YAML
  data      where it writes
  token     whether it asks the Kubernetes API
*/}}
{{- define "monitoring.part" -}}
{{- $root := .root -}}
{{- $name := include "w2meet-lib.partname" . -}}
apiVersion: v1
kind: ConfigMap
metadata:
  {{- include "w2meet-lib.metadata" . | nindent 2 }}
data:
  {{- range $file, $text := .config }}
  {{ $file }}: |
    {{- $text | nindent 4 }}
  {{- end }}
---
apiVersion: v1
kind: ServiceAccount
metadata:
  {{- include "w2meet-lib.metadata" . | nindent 2 }}
automountServiceAccountToken: false
---
apiVersion: v1
kind: Service
metadata:
  {{- include "w2meet-lib.metadata" . | nindent 2 }}
spec:
  selector:
    {{- include "w2meet-lib.selectorLabels" . | nindent 4 }}
  ports:
    {{- range $port, $number := .ports }}
    - { name: {{ $port }}, port: {{ $number }}, targetPort: {{ $port }}, protocol: TCP }
    {{- end }}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "w2meet-lib.metadata" . | nindent 2 }}
spec:
  replicas: 1
  strategy: { type: Recreate }
  selector:
    matchLabels:
      {{- include "w2meet-lib.selectorLabels" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "w2meet-lib.labels" . | nindent 8 }}
      annotations:
        checksum/config: {{ toYaml .config | sha256sum }}
        {{- with $root.Values.podAnnotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    spec:
      serviceAccountName: {{ $name }}
      automountServiceAccountToken: {{ .token | default false }}
      enableServiceLinks: false
      securityContext:
        {{- include "w2meet-lib.podSecurity" .user | nindent 8 }}
      {{- with include "w2meet-lib.pullSecrets" $root | trim }}
      {{- . | nindent 6 }}
      {{- end }}
      {{- with include "w2meet-lib.scheduling" . | trim }}
      {{- . | nindent 6 }}
      {{- end }}
      containers:
        - name: {{ .component }}
          image: {{ include "w2meet-lib.foreignImage" .values.image }}
          imagePullPolicy: {{ $root.Values.global.image.pullPolicy }}
          securityContext:
            {{- include "w2meet-lib.containerSecurity" . | nindent 12 }}
          resources:
            {{- include "w2meet-lib.resources" (dict "root" $root "resources" .values.resources) | nindent 12 }}
          {{- with .args }}
          args:
            {{- trim . | nindent 12 }}
          {{- end }}
          {{- with .env }}
          env:
            {{- trim . | nindent 12 }}
          {{- end }}
          ports:
            {{- range $port, $number := .ports }}
            - { name: {{ $port }}, containerPort: {{ $number }} }
            {{- end }}
          startupProbe:
            httpGet: { path: {{ .probe.path }}, port: {{ .probe.port }} }
            periodSeconds: 2
            failureThreshold: 60
          livenessProbe:
            httpGet: { path: {{ .probe.path }}, port: {{ .probe.port }} }
            periodSeconds: 20
            timeoutSeconds: 5
          readinessProbe:
            httpGet: { path: {{ .probe.path }}, port: {{ .probe.port }} }
            periodSeconds: 10
            timeoutSeconds: 5
          volumeMounts:
            - { name: config, mountPath: {{ .at }}, readOnly: true }
            - { name: data, mountPath: {{ .data }} }
            - { name: tmp, mountPath: /tmp }
            {{- with .mounts }}
            {{- trim . | nindent 12 }}
            {{- end }}
      volumes:
        - name: config
          configMap: { name: {{ $name }} }
        - name: data
          emptyDir: {}
        - name: tmp
          emptyDir: {}
        {{- with .volumes }}
        {{- trim . | nindent 8 }}
        {{- end }}
{{- end -}}

{{/* Who may call a part of the stack, and whom it calls: `ingress` and `egress` are rules as YAML. */}}
{{- define "monitoring.policy" -}}
{{- if .root.Values.global.networkPolicy.enabled }}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "w2meet-lib.metadata" . | nindent 2 }}
spec:
  podSelector:
    matchLabels:
      {{- include "w2meet-lib.selectorLabels" . | nindent 6 }}
  policyTypes: [Ingress, Egress]
  {{- with .ingress }}
  ingress:
    {{- trim . | nindent 4 }}
  {{- end }}
  egress:
    {{- include "w2meet-lib.egressToDns" . | nindent 4 }}
    {{- with .egress }}
    {{- trim . | nindent 4 }}
    {{- end }}
{{- end }}
{{- end -}}

{{/* A rule's port and the part of the stack at its other end: root, part, port, way (from or to). */}}
{{- define "monitoring.peer" -}}
- ports:
    - { port: {{ .port }}, protocol: TCP }
  {{ .way }}:
    - {{ include "w2meet-lib.podsOf" (dict "root" .root "name" .root.Chart.Name "component" .part) | nindent 6 | trim }}
{{- end -}}

{{/* Any pod of the release that has the label of W2Meet. */}}
{{- define "monitoring.release" -}}
- podSelector:
    matchLabels:
      app.kubernetes.io/part-of: w2meet
      app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}
