{# Schemas and tables have exactly the names users were promised, in every target. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name | trim if custom_schema_name else target.schema }}
{%- endmacro %}

{# Seeds and core tables share names (`companies`), which dbt wants unique: core models are files `core_<table>.sql`,
   seeds are tables `seed_<file>`. #}
{% macro generate_alias_name(custom_alias_name=none, node=none) -%}
    {%- if custom_alias_name -%} {{ custom_alias_name | trim }}
    {%- elif node.resource_type == 'seed' -%} seed_{{ node.name }}
    {%- elif node.name.startswith('core_') -%} {{ node.name[5:] }}
    {%- else -%} {{ node.name }}
    {%- endif -%}
{%- endmacro %}

{# The elements of an array that another does not have, as often as it lacks them, in order. #}
{% macro elements_beyond(one, other) -%}
    array(select unnest({{ one }}) except all select unnest({{ other }}) order by 1)
{%- endmacro %}
