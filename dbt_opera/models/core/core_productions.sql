with links as (
    select * from {{ ref('int_mention_productions') }}
),

mentions as (
    select * from {{ ref('int_mentions') }}
),

genres as (
    select * from {{ ref('int_mention_genres') }}
),

works as (
    select * from {{ ref('int_production_works') }}
),

opera_works as (
    select * from {{ ref('core_opera_works') }}
),

stagings as (
    select * from {{ ref('int_production_stagings') }}
),

premiere_words as (
    select * from {{ ref('stg_premiere_words') }}
    where is_latest and premiere_word is not null
),

credits as (
    select * from {{ ref('core_creative_assignments') }}
),

performers as (
    select * from {{ ref('core_performers') }}
),

cast_assignments as (
    select * from {{ ref('core_cast_assignments') }}
),

performances as (
    select * from {{ ref('core_performances') }}
),

prices as (
    select * from {{ ref('core_ticket_prices') }}
),

venues as (
    select * from {{ ref('int_venues') }}
),

productions as (
    select distinct
        production_id,
        company_id,
        season_id,
        season_start,
        season_end,
        mention_id
    from links
),

-- Dates a page marks count for the season they lie in: one page may speak of two.
printed as (
    select
        productions.production_id,
        productions.company_id,
        productions.season_id,
        mentions.mention_id,
        mentions.extraction_id,
        mentions.pointer,
        mentions.url,
        mentions.pick_rank,
        mentions.production_title,
        mentions.opera_title,
        mentions.production_type,
        mentions.presentation,
        case when not genres.is_guessed then genres.genre end as genre,
        case when not genres.is_guessed then genres.genre_basis end as genre_basis,
        case when genres.is_guessed then genres.genre end as guessed_genre,
        case when genres.is_guessed then genres.genre_basis end as guessed_basis,
        mentions.is_family,
        mentions.is_world_premiere,
        mentions.language,
        mentions.venue,
        mentions.duration_minutes,
        mentions.intermissions,
        case
            when mentions.premiere_date between productions.season_start - 60 and productions.season_end + 60
                then mentions.premiere_date
        end as premiere_date,
        case
            when mentions.closing_date between productions.season_start - 60 and productions.season_end + 60
                then mentions.closing_date
        end as closing_date,
        mentions.first_scraped_at,
        mentions.scraped_at,
        mentions.last_seen_at
    from productions
    inner join mentions on productions.mention_id = mentions.mention_id
    inner join genres on mentions.mention_id = genres.mention_id
),

merged as (
    select
        production_id,
        company_id,
        season_id,
        {{ first_known('coalesce(production_title, opera_title)') }} as production_title,
        {{ first_known('production_type') }} as production_type,
        {{ first_known('presentation') }} as presentation,
        {{ first_known('genre', "genre_basis <> 'printed', pick_rank") }} as genre,
        {{ first_known('genre_basis', "genre_basis <> 'printed', pick_rank") }} as genre_basis,
        {{ first_known('guessed_genre') }} as guessed_genre,
        {{ first_known('guessed_basis') }} as guessed_basis,
        {{ first_known('is_family') }} as is_family,
        {{ first_known('is_world_premiere') }} as is_world_premiere,
        {{ first_known('language') }} as language,
        {{ first_known('venue') }} as venue_name,
        {{ first_known('duration_minutes') }} as duration_minutes,
        {{ first_known('intermissions') }} as intermissions,
        {{ first_known('premiere_date') }} as premiere_date,
        {{ first_known('closing_date') }} as closing_date,
        {{ first_known('url') }} as source_url,
        {{ first_known('extraction_id') }} as source_extraction_id,
        {{ first_known('pointer') }} as source_pointer,
        {{ audit_columns('printed') }}
    from printed
    group by production_id, company_id, season_id
),

evenings as (
    select
        production_id,
        count(*) as performances_count,
        min(performance_date) filter (where performance_type = 'premiere') as premiere_date,
        max(performance_date) filter (where performance_type = 'last_night') as last_night_date,
        min(performance_date) as first_performance_date,
        max(performance_date) as last_performance_date,
        case when count(distinct venue_name) = 1 then min(venue_name) end as only_venue_name
    from performances
    group by production_id
),

-- Of the whole run; where a function is only ever named for single evenings, of those.
credited as (
    select
        credits.production_id,
        credits.function,
        credits.performer_id,
        min(performers.name) as name,
        min(credits.billing_position) as billing_position
    from credits
    inner join performers on credits.performer_id = performers.id
    where
        credits.performance_id is null
        or not exists (
            select 1
            from credits as of_run
            where
                of_run.production_id = credits.production_id
                and of_run.function = credits.function
                and of_run.performance_id is null
        )
    group by credits.production_id, credits.function, credits.performer_id
),

team as (
    select
        production_id,
        {{ names_credited_as('director') }} as director,
        {{ names_credited_as('set_designer') }} as set_designer,
        {{ names_credited_as('costume_designer') }} as costume_designer,
        {{ names_credited_as('lighting_designer') }} as lighting_designer,
        {{ names_credited_as('choreographer') }} as choreographer
    from credited
    group by production_id
),

-- The conductor is who conducts most evenings: those named, and for who is named for the run all the others.
conducted as (
    select
        credits.production_id,
        credits.performer_id,
        count(distinct credits.performance_id) as evenings_count,
        bool_or(credits.performance_id is null) as has_run,
        min(credits.billing_position) as billing_position
    from credits
    where credits.function = 'conductor'
    group by credits.production_id, credits.performer_id
),

undated_evenings as (
    select
        performances.production_id,
        count(*) as evenings_count
    from performances
    where
        not exists (
            select 1 from credits
            where credits.performance_id = performances.id and credits.function = 'conductor'
        )
    group by performances.production_id
),

conductors as (
    select distinct on (conducted.production_id)
        conducted.production_id,
        performers.name as conductor
    from conducted
    inner join performers on conducted.performer_id = performers.id
    left join undated_evenings on conducted.production_id = undated_evenings.production_id
    order by
        conducted.production_id,
        conducted.evenings_count
        + case when conducted.has_run then coalesce(undated_evenings.evenings_count, 0) else 0 end desc,
        conducted.billing_position,
        conducted.performer_id
),

words as (
    select
        printed.production_id,
        string_agg(
            distinct premiere_words.premiere_word collate "C", '; '
            order by premiere_words.premiere_word collate "C"
        ) as premiere_words
    from printed
    inner join premiere_words
        on printed.extraction_id = premiere_words.extraction_id and printed.pointer = premiere_words.parent_pointer
    group by printed.production_id
),

currencies as (
    select distinct on (production_id)
        production_id,
        currency_code
    from (
        select
            production_id,
            currency_code,
            count(*) as prices_count
        from prices
        where kind = 'paid' and currency_code is not null
        group by production_id, currency_code
    ) as counted
    order by production_id, prices_count desc, currency_code collate "C"
),

-- "From 15" is no lowest price among exact ones; it stands only where nothing better is printed, and says so.
price_ranges as (
    select
        prices.production_id,
        prices.currency_code,
        coalesce(
            min(prices.price_min) filter (where prices.qualifier = 'exact'),
            min(prices.price_min) filter (where prices.qualifier = 'from')
        ) as price_min,
        coalesce(
            max(prices.price_max) filter (where prices.qualifier = 'exact'),
            max(prices.price_max) filter (where prices.qualifier = 'up_to')
        ) as price_max,
        case
            when bool_or(prices.qualifier = 'exact') then 'exact'
            when bool_or(prices.qualifier = 'from') then 'from'
            when bool_or(prices.qualifier = 'up_to') then 'up_to'
        end as qualifier
    from prices
    inner join currencies
        on prices.production_id = currencies.production_id and prices.currency_code = currencies.currency_code
    where prices.kind = 'paid'
    group by prices.production_id, prices.currency_code
),

bills as (
    select
        works.production_id,
        min(works.opera_work_id) filter (where works.ordinal = 1) as opera_work_id,
        min(opera_works.title) filter (where works.ordinal = 1) as opera_title,
        min(opera_works.composer) filter (where works.ordinal = 1) as composer,
        min(opera_works.genre) filter (where works.ordinal = 1) as genre,
        coalesce(bool_or(works.extent is null or works.extent = 'complete'), false) as has_complete_work,
        min(works.resolution_score) as resolution_score,
        case
            when bool_or(works.resolution = 'provisional') then 'provisional'
            when bool_or(works.resolution = 'normalised') then 'normalised'
            when bool_or(works.resolution = 'alias') then 'alias'
            else 'reference'
        end as resolution
    from works
    inner join opera_works on works.opera_work_id = opera_works.id
    group by works.production_id
),

sung as (
    select distinct production_id
    from cast_assignments
),

assembled as (
    select
        merged.production_id as id,
        merged.company_id,
        merged.season_id,
        stagings.staging_id,
        bills.opera_work_id,
        venues.venue_id,
        merged.production_title,
        merged.production_type,
        merged.presentation,
        coalesce(merged.genre, bills.genre, merged.guessed_genre) as genre,
        case
            when merged.genre is not null then merged.genre_basis
            when bills.genre is not null then 'reference'
            else merged.guessed_basis
        end as genre_basis,
        merged.is_family,
        case
            when merged.production_type = 'new' or merged.is_world_premiere then true
            when merged.production_type in ('revival', 'rental') then false
        end as is_premiere,
        merged.is_world_premiere,
        words.premiere_words,
        merged.language,
        conductors.conductor,
        team.director,
        team.set_designer,
        team.costume_designer,
        team.lighting_designer,
        team.choreographer,
        coalesce(merged.premiere_date, evenings.premiere_date) as premiere_date,
        coalesce(merged.closing_date, evenings.last_night_date) as closing_date,
        evenings.first_performance_date,
        evenings.last_performance_date,
        coalesce(evenings.performances_count, 0) as total_performances,
        coalesce(venues.name, merged.venue_name, evenings.only_venue_name) as venue_name,
        venues.capacity as venue_capacity,
        merged.duration_minutes,
        merged.intermissions,
        price_ranges.price_min as ticket_price_min,
        price_ranges.price_max as ticket_price_max,
        price_ranges.currency_code as ticket_price_currency,
        price_ranges.qualifier as ticket_price_qualifier,
        -- A work nobody knows and no page calls anything counts only where it is composed, led and sung.
        bills.has_complete_work
        and case
            when coalesce(merged.genre, bills.genre) is not null
                then coalesce(merged.genre, bills.genre) in {{ counted_genres() }}
            else
                merged.guessed_genre in {{ counted_genres() }}
                and bills.composer is not null
                and coalesce(conductors.conductor, team.director) is not null
                and sung.production_id is not null
        end as is_counted,
        sung.production_id is not null as has_cast,
        bills.composer,
        bills.resolution,
        bills.resolution_score,
        merged.source_url,
        merged.source_extraction_id,
        merged.source_pointer,
        merged.created_at as first_seen_at,
        merged.created_at,
        merged.updated_at,
        merged.last_confirmed_at
    from merged
    inner join bills on merged.production_id = bills.production_id
    left join stagings on merged.production_id = stagings.production_id
    left join evenings on merged.production_id = evenings.production_id
    left join team on merged.production_id = team.production_id
    left join conductors on merged.production_id = conductors.production_id
    left join price_ranges on merged.production_id = price_ranges.production_id
    left join sung on merged.production_id = sung.production_id
    left join words on merged.production_id = words.production_id
    left join venues
        on
            merged.company_id = venues.company_id
            and {{ normalised('coalesce(merged.venue_name, evenings.only_venue_name)') }} = venues.venue_key
),

scored as (
    select
        assembled.*,
        {{ calculate_quality_score([
            'opera_work_id', 'composer', 'season_id', 'conductor', 'director', 'set_designer', 'first_performance_date',
            'venue_name', 'ticket_price_currency', "nullif(has_cast, false)"
        ]) }} as data_quality_score
    from assembled
)

select * from scored
