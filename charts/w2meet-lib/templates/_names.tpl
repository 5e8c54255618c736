{{/* Names and labels. Each template takes the scope of a chart as `root`, and what part of it is meant as `component`. */}}

{{/* <release>-<chart>: two releases never share a name. */}}
{{- define "w2meet-lib.fullname" -}}
{{- include "w2meet-lib.checkRelease" . -}}
{{- printf "%s-%s" .Release.Name .Chart.Name -}}
{{- end -}}

{{/* The name of a part of a chart; its main part, "api", has the chart's name. */}}
{{- define "w2meet-lib.partname" -}}
{{- $name := include "w2meet-lib.fullname" .root -}}
{{- if has .component (list "api" "server") -}}{{ $name }}{{- else -}}{{ $name }}-{{ .component }}{{- end -}}
{{- end -}}

{{- define "w2meet-lib.selectorLabels" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "w2meet-lib.labels" -}}
{{ include "w2meet-lib.selectorLabels" . }}
app.kubernetes.io/part-of: w2meet
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- with .root.Values.global.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Labels of pods: without what changes with every version of a chart and would restart them. */}}
{{- define "w2meet-lib.podLabels" -}}
{{ include "w2meet-lib.selectorLabels" . }}
app.kubernetes.io/part-of: w2meet
{{- with .root.Values.global.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* What stands in `metadata`. */}}
{{- define "w2meet-lib.metadata" -}}
name: {{ .name | default (include "w2meet-lib.partname" .) }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "w2meet-lib.labels" . | nindent 2 }}
{{- end -}}

{{/* An image of ours: the digest wins over the tag, the tag over the chart's appVersion. */}}
{{- define "w2meet-lib.image" -}}
{{- $image := .Values.image -}}
{{- $registry := .Values.global.image.registry -}}
{{- $name := $image.repository -}}
{{- if $registry }}{{ $name = printf "%s/%s" (trimSuffix "/" $registry) $name }}{{ end -}}
{{- if $image.digest -}}
{{ $name }}@{{ $image.digest }}
{{- else -}}
{{ $name }}:{{ $image.tag | default .Values.global.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{/* An image of somebody else: {repository, tag, digest}. */}}
{{- define "w2meet-lib.foreignImage" -}}
{{ .repository }}:{{ .tag }}{{ with .digest }}@{{ . }}{{ end }}
{{- end -}}
