{# A comparison key without its leading article: "The Magic Flute" and "Magic Flute, The" meet. #}
{% macro without_article(title_key) -%}
    regexp_replace({{ title_key }}, '^(der|die|das|the|a|an|il|lo|la|le|les|l|gli|i|el|los|las|den|det|az|os|as) ', '')
{%- endmacro %}

{# Titles of a bill printed as one. `Cavalleria rusticana / Pagliacci` is split only where each part is a known work. #}
{% macro bill_separator() -%}
    '\s*[/|]\s*|\s+[&+–—-]\s+'
{%- endmacro %}
