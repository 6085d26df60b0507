{# dbt's own renders two macros for every value of a seed: 20 s for our vocabularies. One statement keeps the order of
   the file, too, which `int_roles` reads. #}
{% macro postgres__load_csv_rows(model, agate_table) %}
    {%- set columns = get_seed_column_quoted_csv(model, agate_table.column_names) -%}
    {%- set row = '(' ~ (['%s'] * (agate_table.column_names | length)) | join(', ') ~ ')' -%}
    {%- set bindings = [] -%}
    {%- for values in agate_table.rows -%}
        {%- do bindings.extend(values) -%}
    {%- endfor -%}
    {%- set statement -%}
        insert into {{ this.render() }} ({{ columns }}) values {{ ([row] * (agate_table.rows | length)) | join(', ') }}
    {%- endset -%}
    {%- do adapter.add_query(statement, bindings=bindings, abridge_sql_log=True) -%}
    {{ return('insert into ' ~ this.render() ~ ' (' ~ columns ~ ') values …') }}
{% endmacro %}
