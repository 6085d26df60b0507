{# Everybody credited with a function, in the order of the page. #}
{% macro names_credited_as(function) -%}
    string_agg(name, ', ' order by billing_position, name collate "C") filter (where function = '{{ function }}')
{%- endmacro %}
