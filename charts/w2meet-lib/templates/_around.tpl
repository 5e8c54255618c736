{{/* What stands around a Deployment: Service, account, autoscaler, disruption budget, monitor. */}}

{{- define "w2meet-lib.service" -}}
apiVersion: v1
kind: Service
metadata:
  {{- include "w2meet-lib.metadata" . | nindent 2 }}
spec:
  selector:
    {{- include "w2meet-lib.selectorLabels" . | nindent 4 }}
  ports:
    {{- if has "http" .ports }}
    {{- $scheme := ternary "https" "http" (ne .root.Values.global.tls.existingSecret "") }}
    - { name: http, port: 8000, targetPort: http, protocol: TCP, appProtocol: {{ $scheme }} }
    - { name: public, port: 8001, targetPort: public, protocol: TCP, appProtocol: {{ $scheme }} }
    {{- end }}
    - { name: ops, port: 9090, targetPort: ops, protocol: TCP, appProtocol: http }
{{- end -}}

{{- define "w2meet-lib.serviceAccount" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  {{- include "w2meet-lib.metadata" (dict "root" .root "component" .component "name" (include "w2meet-lib.fullname" .root)) | nindent 2 }}
automountServiceAccountToken: false
{{- end -}}

{{- define "w2meet-lib.autoscaler" -}}
{{- $scaling := .values.autoscaling -}}
{{- include "w2meet-lib.checkAtLeast" (dict "root" .root "name" "autoscaling.maxReplicas" "value" $scaling.maxReplicas "leastName" "autoscaling.minReplicas" "least" $scaling.minReplicas) -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  {{- include "w2meet-lib.metadata" . | nindent 2 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ include "w2meet-lib.partname" . }}
  minReplicas: {{ $scaling.minReplicas }}
  maxReplicas: {{ $scaling.maxReplicas }}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target:
          type: Utilization
          averageUtilization: {{ $scaling.targetCpuPercent }}
  behavior:
    {{- toYaml $scaling.behavior | nindent 4 }}
{{- end -}}

{{/* Only where there is more than one replica: a budget over a single one would block every drain of a node. */}}
{{- define "w2meet-lib.disruptionBudget" -}}
{{- if gt (int .replicas) 1 }}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "w2meet-lib.metadata" . | nindent 2 }}
spec:
  maxUnavailable: 1
  selector:
    matchLabels:
      {{- include "w2meet-lib.selectorLabels" . | nindent 6 }}
{{- end }}
{{- end -}}

{{/* auto: when the cluster knows the kind; true: always; false: never. */}}
{{- define "w2meet-lib.serviceMonitor" -}}
{{- $monitor := .root.Values.global.serviceMonitor -}}
{{- $known := .root.Capabilities.APIVersions.Has "monitoring.coreos.com/v1/ServiceMonitor" -}}
{{- if or (eq (toString $monitor.enabled) "true") (and (eq (toString $monitor.enabled) "auto") $known) }}
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  {{- include "w2meet-lib.metadata" . | nindent 2 }}
    {{- with $monitor.labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  selector:
    matchLabels:
      {{- include "w2meet-lib.selectorLabels" . | nindent 6 }}
  endpoints:
    - port: ops
      path: /metrics
      interval: {{ $monitor.interval }}
{{- end }}
{{- end -}}
