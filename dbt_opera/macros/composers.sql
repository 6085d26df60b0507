{# The name in what is printed as composer: without brackets and years, without "Musik von" before it and without what
   is said behind it (libretto, source, arranger, length, house prose). Printed letters. #}
{% macro composer_name(text) -%}
    btrim(regexp_replace(
        regexp_replace(
            regexp_replace(
                regexp_replace({{ text }}, '<[^>]*(>|$)|\s*[(\[][^)\]]*([)\]]|$)|[*°†]+|(^| )[0-9]{4}([–-][0-9]{2,4})?(?= |$)', ' ', 'g'),
                '^\s*(\S+ ){0,3}?((musik|music|musique|musica|música|muziek|muzyka|hudba|zene|музыка|komposition|composer|composed|oper|opera|ópera|opéra|operette|opérette|operetta|musical|zarzuela|singspiel) (von|by|de|di|van|du)|von|by|di|de|van)\s+', '', 'i'
            ),
            '\s*([|;:„“”"«»]|//).*$', ''
        ),
        '(,|\s)\s*(su |on a )?(libretto|librettist|libreto|livret|text|texte|testo|words|lyrics|nach|frei nach|based on|after|d.après|da un|dal|basiert|mit|with|termine|arr\.|arrangiert|orchestrated|opera|opéra|oper|operette|operetta|melodramma|dramma|commedia|versione|version|fassung|adapted|adaptation|in einer|bearbeitet|bearbeitung|musik|music|musica|uraufführung|ua)(\s.*)?$', '', 'i'
    ), E' \t\n\r,.;:–—-&/\u00a0')
{%- endmacro %}
