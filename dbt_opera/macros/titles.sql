{# A comparison key without its leading article: "The Magic Flute" and "Magic Flute, The" meet. #}
{% macro without_article(title_key) -%}
    regexp_replace({{ title_key }}, '^(der|die|das|the|a|an|il|lo|la|le|les|l|gli|i|el|los|las|den|det|az|os|as) ', '')
{%- endmacro %}

{# What separates the titles of a bill printed as one, the surest first. Much else is printed so, too: it is a bill only
   where each part is a known work. #}
{% macro bill_separators() -%}
    ['\s*[/|]\s*', '\s+[&+–—-]\s+', '[.,]\s+(?=[[:upper:]])', '\s+(und|and|et|e|y|i|en|och|&)\s+']
{%- endmacro %}

{# What stands in brackets explains; a bracket that was cut off ends with the text. #}
{% macro without_brackets(text) -%}
    regexp_replace({{ text }}, '[(\[][^)\]]*([)\]]|$)', ' ', 'g')
{%- endmacro %}

{# Entities that were escaped once too often ("d&rsquo;Api"). #}
{% macro without_entities(text) -%}
    regexp_replace({{ text }}, '&(#[0-9]+|[a-zA-Z]+);', ' ', 'g')
{%- endmacro %}

{# What a title adds behind its first clause: "Fidelio: Focus & Fade". #}
{% macro subtitle(title) -%}
    substring({{ title }} from '(?:\s[–—-]\s|[:;]|,\s|\w{3}[.]\s)(.*)$')
{%- endmacro %}

{# A title without what it is: "Dracula, ein Musical". #}
{% macro without_form(title) -%}
    regexp_replace(
        {{ title }},
        '\s+(ein |eine |an |a )?(musical|oper|opera|opéra|operette|operetta|singspiel|zarzuela|oratorium|konzertant)\s*$', '', 'i'
    )
{%- endmacro %}

{# A title before what explains it: a subtitle, another title ("ossia …"), who staged it ("Ed. …", "regia di …"). #}
{% macro before_subtitle(title) -%}
    regexp_replace(
        {{ title }},
        '\s+[–—-]\s.*$|[:;(\[].*$|,\s.*$|\.\s.*$|\s+(ossia|ovvero|oder|ou|or|oppure|ed\.|edizione|regia|inszenierung|inszeniert|dir\.|directed|mise en scène)\s.*$',
        '', 'i'
    )
{%- endmacro %}
