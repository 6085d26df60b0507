{# A key that separators and nulls in the parts cannot make collide: ["production", "a", null] is not
   ["production", "a"]. #}
{% macro key(entity, parts) -%}
    md5(jsonb_build_array('{{ entity }}'{% for part in parts %}, {{ part }}{% endfor %})::text)
{%- endmacro %}
